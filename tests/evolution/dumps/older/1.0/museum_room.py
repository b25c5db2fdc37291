# museum.Room: id, name, within_id, opened_at, changed_at
loader.flush_deferred_objects()
