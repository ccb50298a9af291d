"""Mentoring: the board of pairs, matching with its reasons, one pair, the order, the base of mentors."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from dateutil.relativedelta import relativedelta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.aside import Aside
from admin.auth import for_staff
from admin.rendering import Staff, day_of, form_of, number_of, page_of, render, to
from bot.errors import UserError
from bot.models import MatchRun, MentorNoticeKind, MentorPair, PairForm, PairKind, PairState, RunState, ScopeKind, Side
from bot.rules.mentoring.pulse import Concern
from bot.services import audit, places
from bot.services.access import Right
from bot.services.indicators import wording
from bot.services.mentoring import adding, common, details, matching, pairs, profiles, pulse, reminding, views

SHOWN = 5
"""Pairs of a column of the board; the rest stands in the list."""

SIZE = 50
AT_ONCE = 500
"""Pairs published or ordered by one press."""

MORE = 20
"""Mentors that «что, если» may add."""

MODES = ("quality", "nobody_forgotten")
COLUMNS = (PairState.proposed, PairState.consent_wait, PairState.to_order)

_aside = Aside("mentoring-match-stopped")


async def board(request: Request, staff: Staff) -> Response:
    """What is proposed, what waits for a word, what waits for an order; who is left and why; what more mentors give."""
    state, town = request.app.state, _town(request, staff)
    mode = _mode(request.query_params.get("mode"))
    columns = {}
    async with state.db.read() as session:
        towns = await places.municipalities(session)
        counts = await views.counts(session, staff.scope, today=staff.today)
        for one in COLUMNS:
            columns[one] = await views.board(
                session, staff.scope, states=[one], municipality_id=town, today=staff.today, limit=SHOWN
            )
        needing = await views.needing(session, staff.scope, today=staff.today)
        left, lonely = await profiles.left(session, staff.scope, today=staff.today, limit=SHOWN)
        run = await matching.last_run(session, staff.scope, municipality_id=town)
        runs = staff.scope.may(Right.mentoring_run)
        why = await pulse.concerns(session, staff.scope, today=staff.today) if runs else {}
        troubled = await views.some(session, staff.scope, list(why)[:SHOWN], today=staff.today)
        taught = await adding.subjects(session, staff.scope, municipality_id=town) if runs else []
    more = number_of(request.query_params.get("more"), least=1, most=MORE)
    subject = request.query_params.get("subject", "")
    if subject not in {one.key for one in taught}:
        subject = ""
    guess = None
    if more is not None and runs:
        guess = await adding.what_if(
            state.db, staff.scope, municipality_id=town, subject=subject, more=more, mode=mode, now=staff.now,
            zone=state.settings.zone,
        )  # fmt: skip
    return render(
        request, "mentoring.html", staff, columns=columns, counts=counts, needing=needing, left=left, lonely=lonely,
        run=run, going=_is_going(run), towns=_own(staff, towns), town=town, mode=mode, modes=MODES,
        more=more or 2, guess=guess, subjects=taught, subject=subject, w=wording, why_of=why, troubled=troubled,
        working=sum(counts.get(one, 0) for one in common.MEETS),
        asked={"town": town or "", "mode": mode}, whole=_whole(staff),
    )  # fmt: skip


async def solve(request: Request, staff: Staff) -> Response:
    """Solve everything anew; proposals nobody was told of are replaced."""
    form, state = await form_of(request), request.app.state
    town = _place(staff, number_of(form.get("town")))
    async with state.db.begin() as session:
        run_id = await matching.begin(
            session, staff.scope, municipality_id=town, mode=_mode(form.get("mode")), now=staff.now
        )
    _aside.begin(run_id, matching.finish(state.db, run_id, now=staff.now, today=staff.today))
    return to(request, "/mentoring", town=town or "", mode=_mode(form.get("mode")))


async def rematch(request: Request, staff: Staff) -> Response:
    """Only those whom a decline or an end touched; every other pair stays."""
    staff.scope.require(Right.mentoring_run)
    await matching.rematch(request.app.state.db, now=staff.now, today=staff.today)
    return to(request, "/mentoring", done="mentoring-rematched")


async def publish(request: Request, staff: Staff) -> Response:
    """Tell both sides of one proposal, or of all that are shown."""
    form = await form_of(request)
    one, town = number_of(form.get("pair")), _place(staff, number_of(form.get("town")))
    async with request.app.state.db.begin() as session:
        if one is not None:
            ids = [one]
        else:
            found, _ = await views.board(
                session, staff.scope, states=[PairState.proposed], municipality_id=town, today=staff.today,
                limit=AT_ONCE,
            )  # fmt: skip
            ids = [card.id for card in found]
        told, held = await pairs.publish(session, staff.scope, ids, now=staff.now, today=staff.today)
    return await _after(request, staff, len(told), held, done="mentoring-published", back="/mentoring")


async def listing(request: Request, staff: Staff) -> Response:
    """Every pair within reach: by state, district, a name."""
    town, page = _town(request, staff), page_of(request)
    chosen = request.query_params.get("state", "")
    states = [PairState(chosen)] if chosen in set(PairState) else []
    query = request.query_params.get("q", "").strip()[:100]
    async with request.app.state.db.read() as session:
        towns = await places.municipalities(session)
        found, total = await views.board(
            session, staff.scope, states=states, municipality_id=town, query=query, today=staff.today,
            limit=SIZE, offset=page * SIZE,
        )  # fmt: skip
    asked = {"state": chosen, "town": town or "", "q": query}
    return render(
        request, "mentoring-pairs.html", staff, found=found, total=total, page=page, size=SIZE, asked=asked,
        towns=_own(staff, towns), whole=_whole(staff), states=[one.value for one in PairState],
    )  # fmt: skip


async def pair(request: Request, staff: Staff) -> Response:
    """One pair: its score line by line, words and papers, history; while it is proposed, why not another."""
    pair_id = request.path_params["id"]
    allowed: list[matching.Candidate] = []
    forbidden: list[matching.Candidate] = []
    forms: tuple[PairForm, ...] = ()
    concerns: tuple[Concern, ...] = ()
    awaited: dict[Side, MentorNoticeKind] = {}
    offers: list[tuple[PairKind, bool]] = []
    async with request.app.state.db.begin() as session:
        card, moves = await views.staff_card(session, staff.scope, pair_id, today=staff.today)
        await audit.viewed(
            session, staff.scope, card.mentee.id, "mentoring", right=Right.mentoring_see, object_id=pair_id,
            now=staff.now,
        )  # fmt: skip
    if staff.scope.may(Right.mentoring_run) and card.state in common.MEETS:
        async with request.app.state.db.read() as session:
            concerns = (await pulse.concerns(session, staff.scope, today=staff.today)).get(pair_id, ())
    if staff.scope.may(Right.mentoring_run):
        async with request.app.state.db.read() as session:
            awaited = await reminding.awaited(session, await session.get_one(MentorPair, pair_id))
    if staff.scope.may(Right.mentoring_run) and card.state is PairState.proposed:
        async with request.app.state.db.read() as session:
            allowed, forbidden = await matching.candidates(session, staff.scope, card.mentee.id, today=staff.today)
            forms = await details.forms_for(session, card.mentee.id)
            profile = await profiles.profile_of(session, card.mentor.id)
            offers = [(one, profile is None or one in profile.kinds) for one in PairKind]
    return render(
        request, "mentoring-pair.html", staff, card=card, lines_of=matching.lines_of,
        moves=moves, meets=card.state in common.MEETS, sides=Side, forms=forms, offers=offers,
        concerns=concerns, awaited=awaited,
        others=[one for one in allowed if one.who.id != card.mentor.id],
        forbidden=[one for one in forbidden if one.who.id != card.mentor.id],
        until=staff.today + relativedelta(months=pairs.TERM_MONTHS),
    )  # fmt: skip


async def act(request: Request, staff: Staff) -> Response:
    """What a coordinator does with one pair."""
    form, pair_id = await form_of(request), request.path_params["id"]
    about: dict[str, Any] = {"now": staff.now, "today": staff.today}
    paper = form.get("paper", "")
    async with request.app.state.db.begin() as session:
        match form.get("do"):
            case "discard":
                await pairs.discard(session, staff.scope, pair_id, **about)
                return to(request, "/mentoring", done="mentoring-discarded")
            case "remind":
                zone = request.app.state.settings.zone
                done = await reminding.remind(session, staff.scope, pair_id, zone=zone, **about)
                return to(
                    request,
                    f"/mentoring/pairs/{pair_id}",
                    done="mentoring-reminded-part" if done.held else "mentoring-reminded",
                )
            case "shape" if form.get("form") in set(PairForm) and form.get("kind") in set(PairKind):
                chosen, kind = PairForm(form["form"]), PairKind(form["kind"])
                await matching.reshape(session, staff.scope, pair_id, form=chosen, kind=kind, **about)
            case "employer":
                await pairs.employer_agrees(session, staff.scope, pair_id, paper=paper, **about)
            case "paper" if form.get("side") in (Side.mentor, Side.mentee):
                await pairs.written(session, staff.scope, pair_id, Side(form["side"]), paper, **about)
            case "prolong":
                on, until = _days(form)
                await pairs.prolong(session, staff.scope, pair_id, no=form.get("no", ""), on=on, until=until, **about)
            case _:
                raise UserError("error-stale")
    return to(request, f"/mentoring/pairs/{pair_id}", done="mentoring-saved")


async def propose(request: Request, staff: Staff) -> Response:
    """A pair by hand in place of the proposal there is, or for somebody who was left without."""
    form = await form_of(request)
    mentee, mentor = number_of(form.get("mentee")), number_of(form.get("mentor"))
    if mentee is None or mentor is None:
        raise UserError("error-stale")
    async with request.app.state.db.begin() as session:
        made = await matching.propose(
            session, staff.scope, mentee, mentor, grouped=bool(form.get("group")), now=staff.now, today=staff.today
        )
    return to(request, f"/mentoring/pairs/{made}", done="mentoring-proposed")


async def person(request: Request, staff: Staff) -> Response:
    """Who could be a mentor of somebody left without one, and what forbids the rest."""
    mentee = request.path_params["id"]
    async with request.app.state.db.read() as session:
        allowed, forbidden = await matching.candidates(session, staff.scope, mentee, today=staff.today)
        who = (await common.who(session, [mentee], today=staff.today))[mentee]
    return render(
        request,
        "mentoring-left.html",
        staff,
        who=who,
        allowed=allowed,
        forbidden=forbidden,
        lines_of=matching.lines_of,
    )


async def ordering(request: Request, staff: Staff) -> Response:
    """Pairs both sides agreed to: the order makes them active."""
    town = _town(request, staff)
    async with request.app.state.db.read() as session:
        towns = await places.municipalities(session)
        found, total = await views.board(
            session, staff.scope, states=[PairState.to_order], municipality_id=town, today=staff.today, limit=AT_ONCE
        )
    return render(
        request, "mentoring-order.html", staff, found=found, total=total, town=town, towns=_own(staff, towns),
        whole=_whole(staff), until=staff.today + relativedelta(months=pairs.TERM_MONTHS),
    )  # fmt: skip


async def order(request: Request, staff: Staff) -> Response:
    """Enter the number and date of the order for the chosen pairs."""
    async with request.form(max_files=0, max_fields=AT_ONCE + 20) as sent:
        form = {name: value for name, value in sent.items() if isinstance(value, str)}
        ids = [number for raw in sent.getlist("pair") if (number := number_of(str(raw))) is not None]
    if not ids:
        raise UserError("admin-mentoring-none-chosen")
    on, until = _days(form)
    async with request.app.state.db.begin() as session:
        done, held = await pairs.order(
            session, staff.scope, ids, no=form.get("no", ""), on=on, until=until, now=staff.now, today=staff.today
        )
    return await _after(request, staff, len(done), held, done="mentoring-ordered", back="/mentoring/order")


async def mentors(request: Request, staff: Staff) -> Response:
    """The base of mentors: strengths, forms, how many they have and could have."""
    town, page = _town(request, staff), page_of(request)
    free = bool(request.query_params.get("free"))
    async with request.app.state.db.read() as session:
        towns = await places.municipalities(session)
        rows, total = await profiles.base(
            session, staff.scope, today=staff.today, free_only=free, municipality_id=town, limit=SIZE,
            offset=page * SIZE,
        )  # fmt: skip
    return render(
        request, "mentoring-mentors.html", staff, rows=rows, total=total, page=page, size=SIZE,
        asked={"town": town or "", "free": "yes" if free else ""}, towns=_own(staff, towns), whole=_whole(staff),
    )  # fmt: skip


async def settings(request: Request, staff: Staff) -> Response:
    """What counts how much, from which score a pair is good enough, and the limits."""
    async with request.app.state.db.read() as session:
        options = await common.options(session)
    weights = asdict(options.weights)
    return render(request, "mentoring-settings.html", staff, options=options, weights=weights)


async def set_settings(request: Request, staff: Staff) -> Response:
    """Keep them for the next matching."""
    form = await form_of(request)
    async with request.app.state.db.read() as session:
        known = asdict((await common.options(session)).weights)
    try:
        weights = {name: float(form.get(name, "").replace(",", ".")) for name in known}
        enough = float(form.get("enough", "").replace(",", "."))
    except ValueError as wrong:
        raise UserError("mentoring-weights-wrong") from wrong
    most, least, group = (number_of(form.get(name)) for name in ("most", "least", "group"))
    async with request.app.state.db.begin() as session:
        await common.set_options(
            session, staff.scope, weights=weights, enough=enough, most=most, least=least, group=group
        )
    return to(request, "/mentoring/settings", done="mentoring-settings")


# --- inside ------------------------------------------------------------------------------------------


async def _after(
    request: Request, staff: Staff, done_for: int, held: list[pairs.Held], *, done: str, back: str
) -> Response:
    """Back where everything went well; else what was held back, and why."""
    if not held:
        return to(request, back, done=done)
    async with request.app.state.db.read() as session:
        cards = [
            (await views.staff_card(session, staff.scope, one.pair_id, today=staff.today))[0] for one in held[:SIZE]
        ]
    why = {one.pair_id: one.why for one in held}
    return render(
        request, "mentoring-held.html", staff, cards=cards, why=why, done_for=done_for, back=back, total=len(held)
    )


def _days(form: dict[str, str]) -> tuple[Any, Any]:
    on, until = day_of(form.get("on", "")), day_of(form.get("until", ""))
    if on is None or until is None:
        raise UserError("mentoring-order-term")
    return on, until


def _mode(raw: str | None) -> str:
    return raw if raw in MODES else MODES[0]


def _whole(staff: Staff) -> bool:
    """True for those who see the whole region."""
    return staff.scope.covers(Right.mentoring_see, ScopeKind.region, None)


def _town(request: Request, staff: Staff) -> int | None:
    return _place(staff, number_of(request.query_params.get("town")))


def _place(staff: Staff, asked: int | None) -> int | None:
    """The district asked for; for a coordinator of one district that one."""
    if asked is not None or _whole(staff):
        return asked
    return next((one.id for one in staff.scope.grants if one.kind is ScopeKind.municipality), None)


def _own(staff: Staff, towns: Any) -> list[Any]:
    """The districts within reach."""
    return [
        one
        for one in towns
        if _whole(staff) or staff.scope.covers(Right.mentoring_see, ScopeKind.municipality, int(one.key))
    ]


def _is_going(run: MatchRun | None) -> bool:
    return run is not None and run.state not in (RunState.done, RunState.failed)


ROUTES = [
    Route("/mentoring", for_staff(board, Right.mentoring_see)),
    Route("/mentoring/match", for_staff(solve, Right.mentoring_run), methods=["POST"]),
    Route("/mentoring/rematch", for_staff(rematch, Right.mentoring_run), methods=["POST"]),
    Route("/mentoring/publish", for_staff(publish, Right.mentoring_run), methods=["POST"]),
    Route("/mentoring/propose", for_staff(propose, Right.mentoring_run), methods=["POST"]),
    Route("/mentoring/pairs", for_staff(listing, Right.mentoring_see)),
    Route("/mentoring/pairs/{id:int}", for_staff(pair, Right.mentoring_see), methods=["GET"]),
    Route("/mentoring/pairs/{id:int}", for_staff(act, Right.mentoring_see), methods=["POST"]),
    Route("/mentoring/left/{id:int}", for_staff(person, Right.mentoring_run)),
    Route("/mentoring/order", for_staff(ordering, Right.mentoring_order), methods=["GET"]),
    Route("/mentoring/order", for_staff(order, Right.mentoring_order), methods=["POST"]),
    Route("/mentoring/mentors", for_staff(mentors, Right.mentoring_see)),
    Route("/mentoring/settings", for_staff(settings, Right.settings_edit), methods=["GET"]),
    Route("/mentoring/settings", for_staff(set_settings, Right.settings_edit), methods=["POST"]),
]
