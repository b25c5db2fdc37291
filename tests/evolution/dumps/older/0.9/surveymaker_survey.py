# surveymaker.Survey: id, title, slug
loader.save(create_surveymaker_survey(1, 'Lunch', 'lunch'))
loader.flush_deferred_objects()
