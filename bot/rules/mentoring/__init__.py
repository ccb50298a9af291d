"""Mentors for young teachers: who fits whom and why, and the best pairs for everybody at once. Pure."""

from bot.rules.mentoring.fitting import explain, obstacle
from bot.rules.mentoring.matching import Fixed, Mode, Plan, Reason, cost_of, solve, what_if
from bot.rules.mentoring.model import (
    ENOUGH,
    LEAST_EXPERIENCE,
    WEIGHTS,
    Criterion,
    Line,
    Match,
    Mentee,
    Mentor,
    Obstacle,
    Status,
    Weights,
)

__all__ = [
    "ENOUGH", "LEAST_EXPERIENCE", "WEIGHTS", "Criterion", "Fixed", "Line", "Match", "Mentee", "Mentor", "Mode",
    "Obstacle", "Plan", "Reason", "Status", "Weights", "cost_of", "explain", "obstacle", "solve", "what_if",
]  # fmt: skip
