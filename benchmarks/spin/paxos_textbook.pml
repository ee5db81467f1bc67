/* Lamport's Paxos without proposer state: 3 acceptors, 2 values ("Paxos Made Simple", 2.2), written down as it is
 * specified: an array for each variable and each kind of message, a process for each acceptor and for the leader of each
 * ballot, a d_step for each action.  An action is offered whenever the specification allows it, also when it changes
 * nothing.
 *
 *   spin -DBALLOTS=3 -a paxos_textbook.pml      BALLOTS is at most 4
 *
 * Ballots are 1..BALLOTS, so that 0 says none.  Messages stay for ever; an acceptor promises a ballot once.  A process
 * has one place to be, so Spin stores the configurations and nothing else.
 */
#ifndef BALLOTS
#define BALLOTS 2
#endif

#define ACCEPTORS 3
#define VALUES    2
#define NONE      VALUES

byte maxBal[ACCEPTORS];
byte maxVBal[ACCEPTORS];
byte maxVal[ACCEPTORS] = NONE;

#define OF(a, b)  (ACCEPTORS * ((b) - 1) + (a))         /* where arrays keep what acceptor a says in ballot b */

bool sent1a[BALLOTS + 1];
bool sent1b[ACCEPTORS * BALLOTS];                       /* and what the promise reports: */
byte reportedBal[ACCEPTORS * BALLOTS];
byte reportedVal[ACCEPTORS * BALLOTS];
typedef values { bool with[VALUES] };
values sent2a[BALLOTS + 1];
values sent2b[ACCEPTORS * BALLOTS];

/* A quorum of two has promised ballot b, and leaves value v to propose: neither has voted, or v is the value of a vote
 * of maximal ballot. */
#define QUORUM(a, c, b)     (sent1b[OF(a, b)] && sent1b[OF(c, b)])
#define BAL(a, b)           reportedBal[OF(a, b)]
#define HIGHEST(a, c, b, v) (BAL(a, b) >= BAL(c, b) && (BAL(a, b) == 0 || reportedVal[OF(a, b)] == v))
#define SAFE(a, c, b, v)    (HIGHEST(a, c, b, v) || HIGHEST(c, a, b, v))

/* A value is chosen when a quorum has voted for it in one ballot; no two values are chosen. */
#define VOTED(a, b, v)      sent2b[OF(a, b)].with[v]
#define MAJORITY(b, v)      ((VOTED(0, b, v) && VOTED(1, b, v)) || (VOTED(1, b, v) && VOTED(2, b, v)) || \
                             (VOTED(0, b, v) && VOTED(2, b, v)))
#if BALLOTS == 1
#define CHOSEN(v)           MAJORITY(1, v)
#define EACH_BALLOT(of)     of(1)
#elif BALLOTS == 2
#define CHOSEN(v)           (MAJORITY(1, v) || MAJORITY(2, v))
#define EACH_BALLOT(of)     of(1) of(2)
#elif BALLOTS == 3
#define CHOSEN(v)           (MAJORITY(1, v) || MAJORITY(2, v) || MAJORITY(3, v))
#define EACH_BALLOT(of)     of(1) of(2) of(3)
#elif BALLOTS == 4
#define CHOSEN(v)           (MAJORITY(1, v) || MAJORITY(2, v) || MAJORITY(3, v) || MAJORITY(4, v))
#define EACH_BALLOT(of)     of(1) of(2) of(3) of(4)
#else
#error "at most 4 ballots"
#endif
#define AGREEMENT           assert(!(CHOSEN(0) && CHOSEN(1)))

#define my (_pid + 1)           /* the ballot of a leader */

#define Phase2a(a, c, v) \
  :: d_step { !sent2a[my].with[0] && !sent2a[my].with[1] && QUORUM(a, c, my) && SAFE(a, c, my, v) -> \
              sent2a[my].with[v] = true }

active [BALLOTS] proctype Leader()
{
end:
  do
  :: d_step { true -> sent1a[my] = true }               /* Phase1a */
  Phase2a(0, 1, 0)
  Phase2a(0, 1, 1)
  Phase2a(1, 2, 0)
  Phase2a(1, 2, 1)
  Phase2a(0, 2, 0)
  Phase2a(0, 2, 1)
  od
}

#define me (_pid - BALLOTS)     /* an acceptor */

#define Phase1b(b) \
  :: d_step { sent1a[b] && b > maxBal[me] -> \
              maxBal[me] = b; \
              sent1b[OF(me, b)] = true; reportedBal[OF(me, b)] = maxVBal[me]; reportedVal[OF(me, b)] = maxVal[me] }

#define Phase2b(b, v) \
  :: d_step { sent2a[b].with[v] && b >= maxBal[me] -> \
              maxBal[me] = b; maxVBal[me] = b; maxVal[me] = v; sent2b[OF(me, b)].with[v] = true; AGREEMENT }

#define IN_BALLOT(b)  Phase1b(b) Phase2b(b, 0) Phase2b(b, 1)

active [ACCEPTORS] proctype Acceptor()
{
end:
  do
  EACH_BALLOT(IN_BALLOT)
  od
}
