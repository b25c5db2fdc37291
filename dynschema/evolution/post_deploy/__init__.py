"""Post-deploy actions: functions that are run once after a deployment, each as a run."""

from dynschema.evolution.post_deploy.actions import post_deploy_action

__all__ = ["post_deploy_action"]
