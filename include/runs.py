"""What a run is called in our tables."""

MAIN_DAG = "process_video"


def run_name(dag_id: str, run_id: str) -> str:
    """Airflow's ids are unique within a DAG only: those of other DAGs have its name before."""
    return run_id if dag_id == MAIN_DAG else f"{dag_id}/{run_id}"
