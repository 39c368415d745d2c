"""Gives generated requests something to be about: most identities become those of rows that are
there, so that answers are more than "there is no such thing". What came of it is counted in
$OXFLOW_COUNTS, by operation and status. Loaded by schemathesis (SCHEMATHESIS_HOOKS)."""

import atexit
import json
import os
import random
import re
import threading
import urllib.parse
import uuid
import zlib

import requests
import schemathesis

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
ESTIMATES_MAX = 6
NOBODY = "019a0000-0000-7000-8000-000000000000"
# Of four identities, how many are made those of something that is there.
REAL_OF_FOUR = 3

REGION = {
    "name": "Region",
    "appliesTo": {"tenders": True, "resources": True, "items": True, "companies": True},
    "options": [{"name": "North"}, {"name": "South"}],
}
BILL = "Item,Description,Unit,Qty,Rate\n1,Earthworks,,,\n1.01,Strip topsoil,m3,850,7.2333\n"

lock = threading.Lock()
counts = {}
known = {}


def learn(base, headers):
    """Looks up what is there, under the name of the part of the path before its identity."""

    def items(path):
        answer = requests.get(base + path, headers=headers, timeout=30)
        return answer.json().get("items", []) if answer.ok else []

    def ids(path, key="id"):
        return [str(item[key]) for item in items(path) if key in item]

    def made(path, body):
        """Something nobody has made yet; a file where there is no body."""
        given = {"json": body} if body else {"files": {"file": ("bill.csv", BILL)}}
        answer = requests.post(base + path, headers=headers, timeout=30, **given)
        answer.raise_for_status()
        return [str(answer.json()["id"])]

    found = {
        name: ids("/" + name)
        for name in (
            "tenders",
            "companies",
            "resources",
            "recipes",
            "price-books",
            "categorisations",
            "content-kinds",
            "organisations",
            "jobs",
        )
    }
    found["categorisations"] += made("/categorisations", REGION)
    found["imports"] = made("/imports", None)
    found["units"] = ids("/units", "code")
    found["categories"] = found["categorisations"]
    found["rates"] = found["resources"]
    me = requests.get(base + "/session", headers=headers, timeout=30).json()
    own = me["user"]["id"]
    found["users"] = ids("/users")
    # Whoever asks stays who they are: everything after would be refused.
    found["own"] = [own, *ids("/tokens")]
    found["versions"] = ["1", "2"]
    found["sheets"] = ["0"]
    found["notices"] = ["1", "2"]
    estimates = []
    for tender in found["tenders"]:
        listed = requests.get(f"{base}/tenders/{tender}/estimates", headers=headers, timeout=30)
        estimates += [row["id"] for row in listed.json().get("items", [])]
    found["of-estimate"] = {}
    for estimate in estimates[:ESTIMATES_MAX]:
        window = f"{base}/estimates/{estimate}/rows?limit=200&expandLevel=5"
        rows = requests.get(window, headers=headers, timeout=30).json().get("rows", [])
        of = {"estimates": [estimate]}
        of["items"] = [row["id"] for row in rows if row.get("kind") == "item"]
        of["headings"] = [row["id"] for row in rows if row.get("kind") == "heading"]
        of["rows"] = of["items"] + of["headings"]
        of["leases"] = of["rows"]
        of["packages"] = ids(f"/estimates/{estimate}/packages")
        of["moments"] = ids(f"/estimates/{estimate}/moments", "lsn")
        if of["items"]:
            said = {"itemId": of["items"][0], "text": "Is this rate still good?"}
            said = {"id": str(uuid.uuid4()), "mentions": [], **said}
            asked = f"{base}/estimates/{estimate}/comments"
            requests.post(asked, headers=headers, json=said, timeout=30)
        of["comments"] = ids(f"/estimates/{estimate}/comments")
        of["lines"] = []
        for item in of["items"][:20]:
            path = f"{base}/estimates/{estimate}/items/{item}/worksheet"
            sheet = requests.get(path, headers=headers, timeout=30).json()
            of["lines"] += [line["id"] for line in sheet.get("lines", [])]
        found["of-estimate"][estimate] = of
    known.update(found)


def there(chance, kind, estimate):
    """Something of a kind; none where there is nothing of it."""
    if kind == "estimates":
        return chance.choice(list(known["of-estimate"]))
    of = known["of-estimate"].get(estimate, {})
    among = of.get(kind) or known.get(kind)
    return chance.choice(among) if among else None


# What a property of a body names.
NAMED = {
    "parentId": "headings",
    "headingId": "headings",
    "itemId": "items",
    "lineId": "lines",
    "rowId": "rows",
    "estimateId": "estimates",
    "tenderId": "tenders",
    "resourceId": "resources",
    "recipeId": "recipes",
    "priceBookId": "price-books",
    "companyId": "companies",
    "clientId": "companies",
    "userId": "users",
    "packageId": "packages",
    "categorisationId": "categorisations",
}


def with_real(chance, value, key, estimate):
    if isinstance(value, dict):
        return {name: with_real(chance, of, name, estimate) for name, of in value.items()}
    if isinstance(value, list):
        return [with_real(chance, of, key, estimate) for of in value]
    if isinstance(value, str) and UUID.fullmatch(value) and chance.randrange(4) < REAL_OF_FOUR:
        kind = NAMED.get(key) or chance.choice(["rows", "items", "lines", "resources"])
        return there(chance, kind, estimate) or value
    return value


def current(case, parameters, chance, base, headers):
    """A change mostly names the version there is, so that it gets past the first question."""
    into = case.body if isinstance(case.body, dict) else case.query
    if "version" not in (into or {}) or chance.randrange(4) >= REAL_OF_FOUR:
        return
    path = case.operation.path
    for name, value in parameters.items():
        path = path.replace("{" + name + "}", urllib.parse.quote(str(value), safe=""))
    answer = requests.get(base + path, headers=headers, timeout=30)
    if answer.ok and "json" in answer.headers.get("content-type", ""):
        shown = answer.json()
        if isinstance(shown, dict) and "version" in shown:
            into["version"] = shown["version"]


@schemathesis.hook
def before_call(ctx, case, kwargs):
    base = case.operation.base_url
    headers = {"Authorization": "Bearer " + os.environ["OXFLOW_TOKEN"]}
    with lock:
        if not known:
            learn(base, headers)
    path = case.operation.path
    told = [path, case.method, str(case.path_parameters), str(case.query), str(case.body)]
    chance = random.Random(zlib.crc32("\n".join(told).encode("utf-8", "replace")))
    parts = path.split("/")
    estimate = there(chance, "estimates", None)
    parameters = dict(case.path_parameters or {})
    for before, part in zip(parts, parts[1:]):
        name = part[1:-1] if part.startswith("{") else None
        if name in parameters and chance.randrange(4) < REAL_OF_FOUR:
            real = estimate if before == "estimates" else there(chance, before, estimate)
            parameters[name] = real or parameters[name]
        if str(parameters.get(name)) in known["own"]:
            parameters[name] = NOBODY
    if parameters:
        case.path_parameters = parameters
    if isinstance(case.body, (dict, list)):
        case.body = with_real(chance, case.body, "", estimate)
    current(case, parameters, chance, base, headers)
    # Every request is signed in, whatever was generated for the ways to sign in.
    ways_in = ("authorization", "cookie")
    generated = (case.headers or {}).items()
    case.headers = {name: value for name, value in generated if name.lower() not in ways_in}
    case.headers["Authorization"] = headers["Authorization"]
    case.cookies = {}
    # Where an answer sends a browser is not part of the answer.
    kwargs["allow_redirects"] = False


@schemathesis.hook
def after_call(ctx, case, response):
    with lock:
        of = counts.setdefault(f"{case.method} {case.operation.path}", {})
        of[str(response.status_code)] = of.get(str(response.status_code), 0) + 1


@atexit.register
def tell():
    if into := os.environ.get("OXFLOW_COUNTS"):
        with open(into, "w", encoding="utf-8") as file:
            json.dump(counts, file)
