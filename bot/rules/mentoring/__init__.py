"""Mentors for young teachers: who fits whom and why, and the best pairs for everybody at once. Pure."""

from bot.rules.mentoring.adding import Cover, Share, Step, Way, cover, step
from bot.rules.mentoring.fitting import explain, obstacle
from bot.rules.mentoring.matching import Fixed, Mode, Plan, Reason, cost_of, solve
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
    "ENOUGH", "LEAST_EXPERIENCE", "WEIGHTS", "Cover", "Criterion", "Fixed", "Line", "Match", "Mentee", "Mentor",
    "Mode", "Obstacle", "Plan", "Reason", "Share", "Status", "Step", "Way", "Weights", "cost_of", "cover", "explain",
    "obstacle", "solve", "step",
]  # fmt: skip
