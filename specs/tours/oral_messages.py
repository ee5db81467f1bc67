"""Tours of `oral_messages`: among three generals one traitor is too many, among four it is outvoted.

Lamport, Shostak, Pease, "The Byzantine Generals Problem" (1982), section 3.
"""

from flpcheck import Onward, Stop, Tour, a_round
from oral_messages import ATTACK, RETREAT, Order

THREE, FOUR = "Three generals", "Four generals"
GO, BACK = Order(ATTACK), Order(RETREAT)

TOURS = (
    Tour(
        THREE,
        "n3",
        "Two lieutenants, one traitor, and no way to tell a lying comrade from a lying commander.",
        (
            Stop(
                "A loyal commander, a loyal l1, a traitor l2",
                "The commander orders to attack, which is written 1. In the first round it sends its order; in the "
                "second each lieutenant tells the other what it has heard. l2 may say anything.",
                inputs={"commander": ATTACK}, faulty=("l2",), decided={},
            ),
            Stop(
                "The order arrives",
                "l1 has heard 1 from the commander.",
                (a_round(1),), valence="0/1", decided={}, shows={"l1": {"told": (("commander", ATTACK),)}},
            ),
            Stop(
                "The traitor says: he told me to retreat",
                "l1 has one vote for each. Without a majority it retreats, although a loyal commander has ordered to "
                "attack: the second condition (IC2) is violated.",
                (a_round(2, lies={"l2": {"l1": BACK}}),), valence="0", decided={"l1": RETREAT},
                shows={"l1": {"told": (("commander", ATTACK), ("l2", RETREAT))}},
            ),
            Stop(
                "Now the commander is the traitor",
                "Both lieutenants are loyal, and the commander tells them different things: attack to l1, retreat to "
                "l2.",
                (a_round(1, lies={"commander": {"l1": GO, "l2": BACK}}),), faulty=("commander",), decided={},
                shows={"l1": {"told": (("commander", ATTACK),)}, "l2": {"told": (("commander", RETREAT),)}},
            ),
            Stop(
                "l1 sees what it saw before",
                "l2 truthfully passes on what it has heard, and to l1 this looks exactly as it did when l2 was lying. "
                "There it should have attacked. If it did so here, l2 would by the same rule do what it has heard from "
                "the commander, and retreat: the two would not agree. No rule is right in both cases.",
                (a_round(2),), valence="0", decided={"l1": RETREAT, "l2": RETREAT},
                shows={"l1": {"told": (("commander", ATTACK), ("l2", RETREAT))}},
            ),
        ),
        (Onward("With one more general the loyal ones outvote the traitor.", FOUR),),
    ),
    Tour(
        FOUR,
        "n4",
        "Three lieutenants: what two loyal generals say outweighs what one traitor says.",
        (
            Stop(
                "A loyal commander, and a traitor among three lieutenants",
                "The order is to attack. l3 is the traitor.",
                inputs={"commander": ATTACK}, faulty=("l3",), valence="1", decided={},
            ),
            Stop(
                "The order arrives, and the traitor lies to both",
                "l1 has heard attack from the commander and from l2, and retreat from l3. Two against one: it attacks, "
                "and so does l2.",
                (a_round(1), a_round(2, lies={"l3": {"l1": BACK, "l2": BACK}})), valence="1",
                decided={"l1": ATTACK, "l2": ATTACK},
                shows={"l1": {"told": (("commander", ATTACK), ("l2", ATTACK), ("l3", RETREAT))}},
            ),
            Stop(
                "A traitor in command",
                "The commander orders l1 and l2 to attack and l3 to retreat.",
                (a_round(1, lies={"commander": {"l1": GO, "l2": GO, "l3": BACK}}),), faulty=("commander",), decided={},
            ),
            Stop(
                "The same three votes everywhere",
                "The loyal lieutenants tell each other the truth, so all three hold the same three votes, two of them "
                "for an attack. All attack: a traitor in command may choose what they do, but cannot divide them.",
                (a_round(2),), valence="1", decided={"l1": ATTACK, "l2": ATTACK, "l3": ATTACK},
            ),
        ),
        (Onward("Processes that crash but do not lie.", "One round is too few", "floodset"),),
    ),
)  # fmt: skip
