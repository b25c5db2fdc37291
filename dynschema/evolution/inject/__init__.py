"""Fields that a plugin adds to the models of other apps, and their columns.

The words, and the module of each:

* `inject_field` (`injections`) and `update_field` (`updates`) are called while apps load, through
  `do_when_prepared` (`waiting`);
* a **host** (`hosts`) is the table of an app in which fields were injected;
* `syncing` brings the hosts of a database to what the code asks for, after `migrate`;
* `hiding` keeps `makemigrations` from claiming the fields, `keeping` has Django's migrations on
  SQLite keep the columns.
"""
