"""The reviewer's desk. Admins see it too; the story's case still waits for its seller, so nobody can claim or rule."""

from tests.edge.who_may.table import Row, Table

_NOWHERE = {"picture_id": "01a20000-0000-7000-8000-000000000000"}

ROWS: Table = {
    "GET /desk": "in 403 403 403 403 200 200",
    "GET /desk/cases/{case_no}": "in 403 403 403 403 200 200",
    "POST /desk/cases/{case_no}/claim": "in 403 403 403 403 409 409",
    "POST /desk/cases/{case_no}/ruling": Row("in 403 403 403 403 409 409", {"ruling": "granted", "reasons": "看过了"}),
    "POST /desk/cases/{case_no}/notes": Row("in 403 403 403 403 303 303", {"note": "请补一张截图"}),
    "POST /desk/cases/{case_no}/evidence": Row("in 403 403 403 403 409 409", {"missing": "请补录屏"}),
    "GET /desk/cases/{case_no}/keys/{unit_no}": Row("in 403 403 403 403 303 303", at={"unit_no": "1"}),
    "POST /desk/cases/{case_no}/keys/{unit_no}": Row(
        "in 403 403 403 403 200 200", {"why": "核对卡密的位数"}, at={"unit_no": "1"}
    ),
    "GET /desk/cases/{case_no}/pictures/{picture_id}": Row("in 403 403 403 403 404 404", at=_NOWHERE),
    "GET /desk/cases/{case_no}/pictures/{picture_id}/original": Row("in 403 403 403 403 404 404", at=_NOWHERE),
}
