"""What a video will cost, before it is processed."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from include.api.access import Caller, Submitter
from include.api.fields import Text
from include.api.previewing import look
from include.api.problems import Problem, responses
from include.api.services import Services, ServicesDep
from include.api.sources import on_the_web, place_of
from include.api.threads import LOOKING
from include.api.videos import Options
from include.ingest.options import check_options
from include.processing.preview import Preview
from include.processing.transcription.estimate import Estimate, estimate
from include.runs import MAIN_DAG

router = APIRouter()


class EstimateWish(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"source": "incoming/talk.mp4", "options": {"asr": "openai"}}]}
    )

    source: Text = Field(min_length=1, description="a key of the store, or s3://bucket/key of an allowed bucket")
    options: Options = {}


class Warned(BaseModel):
    code: str = Field(examples=["TRUNCATED"])
    message: str


class EstimateAnswer(BaseModel):
    """`speech_seconds` is from samples of the sound. `dollars` are for speech: screens cost nothing but time; null
    where nobody knows the price of that engine. With `asr` auto, `engine` is what this server would take."""

    filename: str = Field(examples=["talk.mp4"])
    size: int = Field(examples=[104857600])
    duration: float = Field(examples=[3600.0])
    speech_seconds: float = Field(examples=[2890.5])
    engine: str = Field(examples=["openai"])
    model: str | None = Field(examples=["gpt-transcribe"])
    dollars: float | None = Field(examples=[0.2168])
    problems: list[Warned]


@router.post("/estimates", responses=responses(400, 413, 502))
async def estimate_cost(services: ServicesDep, who: Submitter, wish: EstimateWish) -> EstimateAnswer:
    """Looks at the video, for some seconds. What is on the web has to be uploaded first."""
    return await LOOKING.run(_estimated, services, who, wish)


def _estimated(services: Services, who: Caller, wish: EstimateWish) -> EstimateAnswer:
    source = wish.source.strip()
    place = place_of(services, source)
    if on_the_web(source):
        raise Problem(422, "ESTIMATE_NEEDS_STORE", f"{place.source} is not in the store", "upload it, or submit it")
    with services.airflow(who) as airflow:
        check_options(wish.options, airflow.params(MAIN_DAG))
    language = str(wish.options.get("language") or "auto").strip()
    seen = look(
        services, source, str(wish.options.get("sound", "best")).lower(), None if language == "auto" else language
    )
    engine, model, price = _price(services, wish.options)
    cost = _cost(seen, price)
    return EstimateAnswer(
        filename=place.filename,
        size=seen.media.size,
        duration=seen.media.duration,
        speech_seconds=cost.speech_seconds,
        engine=engine,
        model=model,
        dollars=None if price is None else cost.dollars,
        problems=[Warned(code=problem.code, message=problem.message) for problem in seen.problems],
    )


def _cost(seen: Preview, price: float | None) -> Estimate:
    return estimate(seen.speech_share, seen.media, price or 0.0)


def _price(services: Services, options: dict[str, Any]) -> tuple[str, str | None, float | None]:
    """Engine, model and dollars per minute; no engine is built for it."""
    from include.processing.transcription import ENGINES, resolve_engine
    from include.processing.transcription.openai_api import DEFAULT_MODEL
    from include.processing.transcription.prices import list_price, overridden

    engine = resolve_engine(str(options.get("asr", "auto")), services.settings.whisper_model)
    model = str(options.get("model") or "").strip() or (DEFAULT_MODEL if engine == "openai" else None)
    own = overridden(engine, model, services.settings.prices)
    if own is None and engine in ENGINES:
        own = list_price(engine, model)
    return engine, model, own
