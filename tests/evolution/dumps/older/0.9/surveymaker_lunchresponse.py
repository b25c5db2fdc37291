# surveymaker.LunchResponse: id, created_at, respondent_id, dish, age
loader.save(create_surveymaker_lunchresponse(1, dt(2026, 11, 20, 9, 13, 17, 518961), None, 'Soup', 41))
loader.save(create_surveymaker_lunchresponse(2, dt(2026, 11, 20, 9, 13, 17, 523167), None, 'Curry', None))
loader.flush_deferred_objects()
