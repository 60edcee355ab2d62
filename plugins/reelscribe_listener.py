"""What we do when a process of Airflow's starts."""

from airflow.listeners import hookimpl


@hookimpl
def on_starting(component: object) -> None:
    """`component`: the job of the scheduler or of another service; or what stands for a task's process."""
    if type(component).__name__ != "Job":
        return
    from include.runs import MAIN_DAG
    from include.scheduler_rounds import install

    install(MAIN_DAG)
