"""Takes over the records of Sisy, massmigration and django-post-deploy, so that nothing runs twice.

`tables` reads theirs as they are, without their packages; `records` says what each becomes;
`adopting` stores it. Their tables are never written to.
"""
