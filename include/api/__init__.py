"""The front door: a JSON API and pages, inside Airflow's API server or alone. Airflow says who may do what."""
