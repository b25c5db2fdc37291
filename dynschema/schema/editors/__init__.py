"""The schema editors: they change tables inside an open transaction, one for each database."""
