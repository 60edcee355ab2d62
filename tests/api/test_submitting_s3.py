"""The same in a bucket: a key and its s3:// address are one video."""

from typing import Any

from far_airflow import far_airflow

from include.api.app import API


def test_a_bucket(front_s3: Any) -> None:
    front_s3.services.store.put("incoming/talk.mp4", b"a video")
    headers = front_s3.headers("user")
    with far_airflow() as far:
        front_s3.airflow_url = far.url
        by_key = front_s3.client.post(f"{API}/videos", json={"source": "incoming/talk.mp4"}, headers=headers)
        address = front_s3.services.store.describe("incoming/talk.mp4")
        by_address = front_s3.client.post(f"{API}/videos", json={"source": address, "id": "a"}, headers=headers)
        missing = front_s3.client.post(f"{API}/videos", json={"source": f"{address}x"}, headers=headers)
        assert (by_key.status_code, by_address.status_code, missing.status_code) == (202, 202, 422)
        video = by_address.json()
        assert (video["id"], video["size"], video["source"]) == (by_key.json()["id"], 7, address)
        with front_s3.database() as connection:
            connection.execute("UPDATE videos SET status = 'failed'")
        far.states = dict.fromkeys(far.states, "failed")
        front_s3.services.store.put(f"videos/{video['id']}/original/source", b"a video")
        gone = front_s3.client.delete(f"{API}/videos/{video['id']}", headers=front_s3.headers("admin"))
        assert gone.status_code == 204
        assert far.runs == {}
    assert [info.key for info in front_s3.services.store.list("")] == ["incoming/talk.mp4"]
