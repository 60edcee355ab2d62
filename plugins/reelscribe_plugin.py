"""What we register with Airflow. Every task's process imports this file: it must stay light."""

from airflow.sdk.plugins_manager import AirflowPlugin

import reelscribe_listener
from include.api.asgi import FrontDoor
from include.monitoring.deadlines import QueuedAtByPriority
from include.runs import URL_PREFIX


class ReelscribePlugin(AirflowPlugin):
    name = "reelscribe"
    listeners = [reelscribe_listener]  # noqa: RUF012 - Airflow's own form
    fastapi_apps = [{"app": FrontDoor(), "url_prefix": URL_PREFIX, "name": "Reelscribe"}]  # noqa: RUF012 - as above
    deadline_references = [QueuedAtByPriority]  # noqa: RUF012 - Airflow's own form
