"""What was put under incoming/ becomes runs, by the thousand in one task."""

from typing import TYPE_CHECKING, Any

from airflow.sdk import Context

from include.airflow_api import AirflowApi
from include.processing.errors import PermanentError
from include.settings import API_CONNECTION, settings
from operators.base import MAIN_DAG, StageOperator, s3_client

if TYPE_CHECKING:
    from include.ingest.taking import Taker


class IngestOperator(StageOperator):
    """No stage of a video, and so without a row in `processing_jobs`. Returns how many were started, there already,
    rejected, gone meanwhile and left for later.

    `workers`: how many files at once; `most`: files in one task; after `minutes` the rest is left to the next run;
    `settle`: seconds for which a file must not have changed.
    """

    stage = "ingest"

    def __init__(self, *, workers: int, most: int, minutes: float, settle: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.workers, self.most, self.minutes, self.settle = workers, most, minutes, settle

    def execute(self, context: Context) -> dict[str, int]:
        from include.ingest.one_pass import Limits, Pass

        api = api_of_connection(self.workers)
        try:
            limits = Limits(self.workers, self.most, self.minutes, self.settle)
            return Pass(self.taker(api), limits).run()
        finally:
            api.close()

    def taker(self, api: AirflowApi) -> "Taker":
        from include.ingest.taking import Taker
        from include.storage.listing import open_inbox

        inbox = open_inbox(settings().store, s3_client)
        most = int(settings().max_source_gib * 2**30)
        return Taker(
            self.open_store(), inbox, lambda run_id, conf: api.start(MAIN_DAG, run_id, conf), api.params(MAIN_DAG), most
        )


def api_of_connection(connections: int) -> AirflowApi:
    """As the connection says; its host may be a whole URL. Raises PermanentError AIRFLOW_LOGIN where there is none."""
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        found = Connection.get(API_CONNECTION)
    except AirflowNotFoundException as error:
        remedy = f"make it (type http: host, port, login, password) or set AIRFLOW_CONN_{API_CONNECTION.upper()}"
        raise PermanentError("AIRFLOW_LOGIN", f"there is no connection {API_CONNECTION}", remedy) from error
    url = found.host or ""
    if "://" not in url:
        url = f"{found.schema or 'http'}://{url}" + (f":{found.port}" if found.port else "")
    return AirflowApi(url, found.login or "", found.password or "", connections)
