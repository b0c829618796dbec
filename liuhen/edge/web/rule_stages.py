"""Names of the stages of a version of the rules, for pages of everybody and of the operator."""

from liuhen.policy.rulebook_line import Stage


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


STAGES: dict[Stage, str] = {
    Stage.PLANNED: _("还没公开"),
    Stage.COMMENT: _("征求意见中"),
    Stage.WEIGHED: _("意见整理中"),
    Stage.ANNOUNCED: _("公示中"),
    Stage.IN_FORCE: _("现行"),
    Stage.PAST: _("旧版"),
}
