"""Mass migrations: long changes of data, one file each, applied once to each database.

* `migrations` has the classes that a file `<app>/massmigrations/0001_name.py` derives from;
* `loader` finds the files, `graph` orders them by their dependencies;
* `records` tells how a migration stands on a database, in words of its own, from the runs there;
* `enforcement` keeps code from running too early, `operations` keeps `migrate` from it;
* `api` is for programs.
"""
