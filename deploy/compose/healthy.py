"""`healthy.py COMPONENT`: exit status 0 where the API server says that Airflow's component is. Costs a moment of CPU,
where `airflow jobs check` imports all of Airflow."""

import json
import sys
from urllib.request import ProxyHandler, build_opener

direct = build_opener(ProxyHandler({}))
with direct.open("http://api-server:8080/api/v2/monitor/health", timeout=8) as answer:
    state = json.load(answer)[sys.argv[1]]["status"]
sys.exit(state != "healthy")
