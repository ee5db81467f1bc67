/* Lamport's Paxos without proposer state: 3 acceptors, 2 values, ballots 0..BALLOTS-1 ("Paxos Made Simple", 2.2).
 *
 * The same model as specs/tla/paxos.py, laid out for Spin: sets of messages are bit masks, one process offers every
 * action of everybody, and each action is one d_step back to the same place, so that Spin stores the configurations
 * and nothing else.  An action that would change nothing is not offered.
 *
 *   spin -DBALLOTS=3 -a paxos_tuned.pml      BALLOTS is at most 4
 *
 * Messages stay for ever.  A ballot has at most one 2a message, an acceptor at most one 1b and one 2b message in each.
 *   begun        bit b: 1a(b) is sent
 *   proposed     bit b + 4v: 2a(b, v) is sent
 *   promised[a]  0: maxBal is -1; b + 1: maxBal is b
 *   vote[a]      1: none; 2 + 2b + v: maxVBal is b and maxVal is v
 *   reports[a]   four bits per ballot: 0: no 1b(a, b) is sent; else the vote that it reports
 *   votes[a]     bit b + 4v: 2b(a, b, v) is sent
 */
#ifndef BALLOTS
#define BALLOTS 2
#endif

byte  begun;
byte  proposed;
byte  promised[3];
byte  vote[3] = 1;
byte  votes[3];
short reports[3];

#define SENT(b, v)      (1 << (b + 4 * v))
#define REPORT(a, b)    ((reports[a] >> (4 * b)) & 15)
#define HIGHER(r, s)    ((r >> 1) >= (s >> 1))

/* Two promises leave value v to propose: neither has voted, or v is the value of the highest vote of the two. */
#define SAFE(r, s, v)   (r && s && ((r | s) == 1 || (HIGHER(r, s) && (r & 1) == v) || (HIGHER(s, r) && (s & 1) == v)))
#define QUORUM(a, c, b, v)  SAFE(REPORT(a, b), REPORT(c, b), v)

/* What a majority has voted for, as a mask like `votes`; and no two values are chosen. */
#define MAJORITY        ((votes[0] & votes[1]) | (votes[1] & votes[2]) | (votes[0] & votes[2]))
#define AGREEMENT       assert(!(MAJORITY & 15) || !(MAJORITY >> 4))

#define PROPOSE(b, v) \
  :: d_step { !(proposed & (SENT(b, 0) | SENT(b, 1))) && \
              (QUORUM(0, 1, b, v) || QUORUM(1, 2, b, v) || QUORUM(0, 2, b, v)) -> /* Phase2a */ \
              proposed = proposed | SENT(b, v) }

#define ACCEPT(a, b, v) \
  :: d_step { (proposed & SENT(b, v)) && promised[a] <= b + 1 && !(votes[a] & SENT(b, v)) -> /* Phase2b */ \
              promised[a] = b + 1; vote[a] = 2 + 2 * b + v; votes[a] = votes[a] | SENT(b, v); AGREEMENT }

#define ACCEPTOR(a, b) \
  :: d_step { (begun & (1 << b)) && promised[a] <= b ->                 /* Phase1b */ \
              promised[a] = b + 1; reports[a] = reports[a] | (vote[a] << (4 * b)) } \
  ACCEPT(a, b, 0) \
  ACCEPT(a, b, 1)

#define BALLOT(b) \
  :: d_step { !(begun & (1 << b)) -> begun = begun | (1 << b) } /* Phase1a */ \
  PROPOSE(b, 0) \
  PROPOSE(b, 1) \
  ACCEPTOR(0, b) \
  ACCEPTOR(1, b) \
  ACCEPTOR(2, b)

active proctype everybody()
{
end:
  do
  BALLOT(0)
#if BALLOTS > 1
  BALLOT(1)
#endif
#if BALLOTS > 2
  BALLOT(2)
#endif
#if BALLOTS > 3
  BALLOT(3)
#endif
#if BALLOTS > 4
#error "at most 4 ballots"
#endif
  od
}
