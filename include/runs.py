"""What a run is called in our tables, and where our pages are."""

MAIN_DAG = "process_video"
URL_PREFIX = "/reelscribe"
"""Of our pages and API in Airflow's."""


def run_name(dag_id: str, run_id: str) -> str:
    """Airflow's ids are unique within a DAG only: those of other DAGs have its name before."""
    return run_id if dag_id == MAIN_DAG else f"{dag_id}/{run_id}"


def run_parts(name: str) -> tuple[str, str]:
    """(DAG, run id) of what `run_name` made: neither has a slash in Airflow."""
    dag_id, slash, run_id = name.partition("/")
    return (dag_id, run_id) if slash else (MAIN_DAG, name)
