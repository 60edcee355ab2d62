"""What we register with Airflow. Every task's process imports this file: it must stay light."""

from airflow.sdk.plugins_manager import AirflowPlugin

import reelscribe_listener
from include.monitoring.deadlines import QueuedAtByPriority


class ReelscribePlugin(AirflowPlugin):
    name = "reelscribe"
    listeners = [reelscribe_listener]  # noqa: RUF012 - Airflow's own form
    deadline_references = [QueuedAtByPriority]  # noqa: RUF012 - Airflow's own form
