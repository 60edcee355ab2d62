"""Files on their way in: dropped, in parts, broken off and taken up again."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from browser.site_world import PART_MIB, SAMPLE, Site
from browser.visits import Visit, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_a_file_becomes_a_run(visit: Visit, pages: Site) -> None:
    page = visit(role="user")
    page.get_by_text("Options for what you add next").click()
    page.get_by_label("Priority").select_option("urgent")
    page.get_by_label("Spoken language").fill("en")
    page.locator("#files").set_input_files(
        {"name": "Überblick – 1.mp4", "mimeType": "video/mp4", "buffer": SAMPLE.read_bytes()}
    )
    line = page.locator("#uploads li").filter(has_text="Überblick – 1.mp4")
    expect(line).to_have_attribute("data-state", "done")
    expect(page.locator("#videos tbody tr").first).to_contain_text("Überblick – 1.mp4")
    (conf,) = [conf for conf in pages.airflow.runs.values() if "berblick" in conf["source"]]
    assert (conf["priority"], conf["language"]) == ("urgent", "en")
    line.get_by_role("link", name="Open").click()
    expect(page.locator("#progress")).to_contain_text("Waiting for its turn")


def test_dropped(visit: Visit) -> None:
    page = visit(role="user")
    data = page.evaluate_handle(
        """(bytes) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], "dropped.mp4", { type: "video/mp4" }));
            return transfer;
        }""",
        list(SAMPLE.read_bytes()),
    )
    page.dispatch_event("#drop", "dragover", {"dataTransfer": data})
    expect(page.locator("#upload")).to_have_attribute("data-over", "")
    page.dispatch_event("#drop", "drop", {"dataTransfer": data})
    expect(page.locator("#uploads li").filter(has_text="dropped.mp4")).to_have_attribute("data-state", "done")


def test_what_is_no_video_is_refused_in_words(visit: Visit) -> None:
    page = visit(role="user", forgive="status of 422")
    page.locator("#files").set_input_files({"name": "fake.mp4", "mimeType": "video/mp4", "buffer": b"no video" * 100})
    line = page.locator("#uploads li").filter(has_text="fake.mp4")
    expect(line).to_have_attribute("data-state", "failed")
    expect(line).to_contain_text("does not begin as any video format")
    line.get_by_role("button", name="Remove").click()
    expect(line).to_have_count(0)


def test_what_broke_off_goes_on_after_a_reload(visit: Visit, tmp_path: Path) -> None:
    """Of four parts one can't be sent. After a reload the same file is chosen again, and only that part is sent."""
    file = tmp_path / "long.mp4"
    file.write_bytes(SAMPLE.read_bytes() + bytes(3 * PART_MIB << 20))
    page = visit(role="user", forgive="ERR_FAILED")
    sent: list[int] = []
    page.on("request", lambda request: request.method == "PUT" and sent.append(int(request.url.rpartition("/")[2])))
    page.route("**/parts/3", lambda route: route.abort())
    page.locator("#files").set_input_files(file)
    line = page.locator("#uploads li").filter(has_text="long.mp4")
    expect(line.locator(".say")).to_contain_text("%")
    until(page, "Number(document.querySelector('#uploads progress').value) >= 60")
    assert set(sent) == {1, 2, 3, 4}

    page.unroute("**/parts/3")
    sent.clear()
    page.reload()
    expect(line).to_contain_text("choose the same file again")
    expect(line.locator("progress")).to_have_js_property("value", 75)
    page.locator("#files").set_input_files(file)
    expect(line).to_have_attribute("data-state", "done")
    assert sent == [3]
    page.reload()
    expect(line).to_have_count(0)


def test_stopped_by_the_user(visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "unwanted.mp4"
    file.write_bytes(SAMPLE.read_bytes() + bytes(3 * PART_MIB << 20))
    page = visit(role="user", forgive="ERR_FAILED|ERR_ABORTED")
    page.route("**/parts/4", lambda route: route.abort())
    page.locator("#files").set_input_files(file)
    line = page.locator("#uploads li").filter(has_text="unwanted.mp4")
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as deleted:
        until(page, "Number(document.querySelector('#uploads progress').value) >= 60")
        line.get_by_role("button", name="Stop").click()
    assert deleted.value.status == 204
    page.reload()
    expect(line).to_have_count(0)
