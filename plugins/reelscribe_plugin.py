"""What we register with Airflow. Every task's process imports this file: it must stay light."""

from airflow.sdk.plugins_manager import AirflowPlugin

import reelscribe_listener
from include.api.asgi import FrontDoor
from include.monitoring.deadlines import QueuedAtByPriority
from include.runs import URL_PREFIX

PAGES = URL_PREFIX.lstrip("/")  # without a slash in front: it follows Airflow's own base
VIDEOS = {
    "name": "Videos",
    "href": f"{PAGES}/",
    "destination": "nav",
    "nav_top_level": True,
    "url_route": "videos",
    "icon": f"{PAGES}/static/icon.svg",
}
SEARCH = {
    "name": "Search videos",
    "href": f"{PAGES}/search",
    "destination": "nav",
    "category": "browse",
    "url_route": "video-search",
    "icon": f"{PAGES}/static/search-icon.svg",
}
VIDEO_OF_A_RUN = {
    "name": "Video",
    "href": f"{PAGES}/runs/{{DAG_ID}}/{{RUN_ID}}",
    "destination": "dag_run",
    "url_route": "video",
    "icon": f"{PAGES}/static/icon.svg",
}


class ReelscribePlugin(AirflowPlugin):
    name = "reelscribe"
    listeners = [reelscribe_listener]  # noqa: RUF012 - Airflow's own form
    fastapi_apps = [{"app": FrontDoor(), "url_prefix": URL_PREFIX, "name": "Reelscribe"}]  # noqa: RUF012 - as above
    external_views = [VIDEOS, SEARCH, VIDEO_OF_A_RUN]  # noqa: RUF012 - as above
    deadline_references = [QueuedAtByPriority]  # noqa: RUF012 - as above
