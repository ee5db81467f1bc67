/* Two-phase commit among N resource managers (Gray and Lamport, "Consensus on Transaction Commit", section 3), written
 * down as it is specified: an array for each variable, a process for each participant, a d_step for each action.  An
 * action is offered whenever the specification allows it, also when it changes nothing.
 *
 *   spin -DN=3 -a two_phase_textbook.pml        N is at most 11
 *
 * A process has one place to be, so Spin stores the configurations and nothing else.
 */
#ifndef N
#define N 3
#endif

mtype = { undecided, working, prepared, committed, aborted };

mtype rm[N] = working;          /* the resource managers */
mtype tm = undecided;           /* the transaction manager */
bool tmPrepared[N];             /* who it knows to be prepared */

bool sentPrepared[N];           /* messages stay for ever */
bool sentCommit, sentAbort;

#define EACH1(of)   of(0)
#define EACH2(of)   EACH1(of)  of(1)
#define EACH3(of)   EACH2(of)  of(2)
#define EACH4(of)   EACH3(of)  of(3)
#define EACH5(of)   EACH4(of)  of(4)
#define EACH6(of)   EACH5(of)  of(5)
#define EACH7(of)   EACH6(of)  of(6)
#define EACH8(of)   EACH7(of)  of(7)
#define EACH9(of)   EACH8(of)  of(8)
#define EACH10(of)  EACH9(of)  of(9)
#define EACH11(of)  EACH10(of) of(10)
#define PASTED(n)   EACH ## n
#define EACH(n)     PASTED(n)

#define KNOWN(i)          && tmPrepared[i]
#define NOT_COMMITTED(i)  && rm[i] != committed
#define NOT_ABORTED(i)    && rm[i] != aborted
#define CONSISTENT        assert((true EACH(N)(NOT_COMMITTED)) || (true EACH(N)(NOT_ABORTED)))

#define TMRcvPrepared(i) \
  :: d_step { tm == undecided && sentPrepared[i] -> tmPrepared[i] = true }

active proctype TransactionManager()
{
end:
  do
  EACH(N)(TMRcvPrepared)
  :: d_step { tm == undecided EACH(N)(KNOWN) -> tm = committed; sentCommit = true }          /* TMCommit */
  :: d_step { tm == undecided -> tm = aborted; sentAbort = true }                            /* TMAbort */
  od
}

#define me (_pid - 1)

active [N] proctype ResourceManager()
{
end:
  do
  :: d_step { rm[me] == working -> rm[me] = prepared; sentPrepared[me] = true }         /* RMPrepare */
  :: d_step { rm[me] == working -> rm[me] = aborted; CONSISTENT }                       /* RMChooseToAbort */
  :: d_step { sentCommit -> rm[me] = committed; CONSISTENT }                            /* RMRcvCommitMsg */
  :: d_step { sentAbort -> rm[me] = aborted; CONSISTENT }                               /* RMRcvAbortMsg */
  od
}
