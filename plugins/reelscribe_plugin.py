"""What we register with Airflow. Every task's process imports this file: it must stay light."""

from airflow.sdk.plugins_manager import AirflowPlugin

from include.monitoring.deadlines import QueuedAtByPriority


class ReelscribePlugin(AirflowPlugin):
    name = "reelscribe"
    deadline_references = [QueuedAtByPriority]  # noqa: RUF012 - Airflow's own form
