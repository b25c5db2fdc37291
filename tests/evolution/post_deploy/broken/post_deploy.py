import a_package_that_is_missing  # noqa: F401

from dynschema.evolution import post_deploy_action


@post_deploy_action
def never_seen():
    pass
