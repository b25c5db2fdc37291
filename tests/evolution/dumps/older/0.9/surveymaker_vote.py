# surveymaker.Vote: id, survey_id
loader.save(create_surveymaker_vote(1, 1))
loader.flush_deferred_objects()
