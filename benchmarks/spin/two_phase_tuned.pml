/* Two-phase commit among N resource managers (Gray and Lamport, "Consensus on Transaction Commit", section 3).
 *
 * The same model as specs/tla/two_phase.py, laid out for Spin: sets of resource managers are bit masks, one process
 * offers every action of everybody, and each action is one d_step back to the same place, so that Spin stores the
 * configurations and nothing else.  An action that would change nothing is not offered.
 *
 *   spin -DN=7 -a two_phase_tuned.pml        N is at most 11
 *
 * Messages stay for ever: Prepared of manager i is bit i of `sent`; Commit and Abort are in the network exactly when
 * the transaction manager has committed or aborted.  A resource manager is
 *   working    in none of the three masks,
 *   prepared   in `sent` only,
 *   committed  in `committed`,
 *   aborted    in `aborted`.
 */
#ifndef N
#define N 3
#endif

#define ALL       ((1 << N) - 1)
#define INIT      0
#define COMMITTED 1
#define ABORTED   2

byte  tm = INIT;       /* the transaction manager */
short known;           /* who it knows to be prepared */
short sent;            /* who has sent Prepared */
short committed;
short aborted;

#define CONSISTENT assert(committed == 0 || aborted == 0)

#define ME(i)      (1 << i)
#define WORKING(i) !((sent | committed | aborted) & ME(i))

#define MANAGER(i) \
  :: d_step { tm == INIT && (sent & ME(i)) && !(known & ME(i)) ->     /* TMRcvPrepared */ \
              known = known | ME(i) } \
  :: d_step { WORKING(i) -> sent = sent | ME(i) }                       /* RMPrepare */ \
  :: d_step { WORKING(i) -> aborted = aborted | ME(i); CONSISTENT }     /* RMChooseToAbort */ \
  :: d_step { tm == COMMITTED && !(committed & ME(i)) ->              /* RMRcvCommitMsg */ \
              committed = committed | ME(i); aborted = aborted & ~ME(i); CONSISTENT } \
  :: d_step { tm == ABORTED && !(aborted & ME(i)) ->                  /* RMRcvAbortMsg */ \
              aborted = aborted | ME(i); committed = committed & ~ME(i); CONSISTENT }

active proctype everybody()
{
end:
  do
  :: d_step { tm == INIT && known == ALL -> tm = COMMITTED }            /* TMCommit */
  :: d_step { tm == INIT -> tm = ABORTED }                              /* TMAbort */
  MANAGER(0)
#if N > 1
  MANAGER(1)
#endif
#if N > 2
  MANAGER(2)
#endif
#if N > 3
  MANAGER(3)
#endif
#if N > 4
  MANAGER(4)
#endif
#if N > 5
  MANAGER(5)
#endif
#if N > 6
  MANAGER(6)
#endif
#if N > 7
  MANAGER(7)
#endif
#if N > 8
  MANAGER(8)
#endif
#if N > 9
  MANAGER(9)
#endif
#if N > 10
  MANAGER(10)
#endif
#if N > 11
#error "at most 11 resource managers"
#endif
  od
}
