# surveymaker.Question: id, survey_id, slug, text, kind, required, unique, indexed, choices, rank
loader.save(create_surveymaker_question(1, 1, 'dish', 'Which dish?', 'text', False, False, False, '', 0))
loader.save(create_surveymaker_question(2, 1, 'age', '', 'integer', False, False, False, '', 0))
loader.flush_deferred_objects()
