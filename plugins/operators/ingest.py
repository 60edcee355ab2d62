"""What was put under incoming/ becomes runs, by the thousand in one task."""

from typing import TYPE_CHECKING, Any

from airflow.sdk import Context

from include.airflow_api import AirflowApi
from include.airflow_connections import airflow_api, s3_client
from include.settings import settings
from operators.base import MAIN_DAG, StageOperator

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

        api = airflow_api(self.workers)
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
