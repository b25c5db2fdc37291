"""The door of schedules: housekeeping that is due again and again, as Sisy's users know it.

A schedule is a row (`models.Task`) that says what to call (`targets`) and when (`cron`). At each
`tick`, the schedules that are due become runs; `calls` is the work of such a run.
"""
