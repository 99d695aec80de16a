"""
Who is called when a step is taken or a time is over, and whose rules the catalogue keeps with its own.

Rooms know nothing of those further down the street, so it is said here, on the roof, for every process that acts.
"""

from __future__ import annotations

from gridmap.catalogue.clocks import Stage
from gridmap.catalogue.registry import register
from gridmap.hazards.ruletables import LOOK_BACK_RULES, RECTIFY_TERMS
from gridmap.hazards.zones import end_with_incident
from gridmap.hotline.calling import DISSATISFIED, reopen_higher
from gridmap.hotline.hooks import follow_step
from gridmap.hotline.leading import send_leader
from gridmap.hotline.repeats import REPEAT_CONTACT, SECOND_REPEAT, tell_of_waiting_caller
from gridmap.incidents.after import AFTER_STEP
from gridmap.incidents.escalations import HANDLERS, SUSPENSION_OVER, Handler
from gridmap.incidents.resuming import resume_suspended
from gridmap.incidents.telling import tell_of_overdue
from gridmap.residents.hooks import date_contact
from gridmap.residents.ruletables import CHOICES
from gridmap.whistles.actions import LATE, SILENT
from gridmap.whistles.following import follow_merger
from gridmap.whistles.ruletables import CALL_TERMS, SUPERVISION_RULES
from gridmap.whistles.silence import escalate_silence, tell_late


def wire() -> None:
    """Connect the rooms; calling it again changes nothing."""
    register(CALL_TERMS, SUPERVISION_RULES, LOOK_BACK_RULES, RECTIFY_TERMS, CHOICES)
    handlers: dict[str, Handler] = {f"{stage}_overdue": tell_of_overdue for stage in Stage}
    handlers[SUSPENSION_OVER] = resume_suspended
    handlers |= {SILENT: escalate_silence, LATE: tell_late}
    handlers |= {DISSATISFIED: reopen_higher, SECOND_REPEAT: send_leader, REPEAT_CONTACT: tell_of_waiting_caller}
    HANDLERS.update(handlers)
    if follow_step not in AFTER_STEP:
        AFTER_STEP.append(follow_step)
    if date_contact not in AFTER_STEP:
        AFTER_STEP.append(date_contact)
    if end_with_incident not in AFTER_STEP:
        AFTER_STEP.append(end_with_incident)
    if follow_merger not in AFTER_STEP:
        AFTER_STEP.append(follow_merger)
