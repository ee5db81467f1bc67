/* Non-blocking atomic commitment among N participants and a coordinator in shared memory (Babaoglu and Toueg,
 * "Non-Blocking Atomic Commitment", sections 4 and 5), written down as it is specified: an array for each variable, a
 * process for each participant, a d_step for each action.  Any process may crash, and all see which ones have.
 *
 *   spin -DN=3 -a acp_nb_textbook.pml        N is at most 3
 *
 * A process has one place to be, so Spin stores the configurations, and one more in which the votes are not chosen yet.
 */
#ifndef N
#define N 3
#endif

#define ABORT  1
#define COMMIT 2
#define NO     1
#define YES    2

#define EACH1(of)  of(0)
#define EACH2(of)  EACH1(of) of(1)
#define EACH3(of)  EACH2(of) of(2)
#define PASTED(n)  EACH ## n
#define EACH(n)    PASTED(n)
#define ALL1(of)   of(0)             /* the same again, for use inside of the other one */
#define ALL2(of)   ALL1(of) of(1)
#define ALL3(of)   ALL2(of) of(2)
#define GLUED(n)   ALL ## n
#define ALL(n)     GLUED(n)

bool chosen;
byte vote[N];               /* the participants: NO or YES */
bool dead[N], sent[N];
byte decision[N];           /* 0, ABORT or COMMIT */
byte forward[N * N];        /* what i has sent to j; to itself: its pre-decision */

bool gone, asked[N];        /* the coordinator */
byte heard[N], told[N], verdict;

#define ASKED(i)      && asked[i]
#define KNOWN(i)      && heard[i] != 0
#define AGREED(i)     && heard[i] == YES
#define ALL_ASKED     (true ALL(N)(ASKED))
#define ALL_KNOWN     (true ALL(N)(KNOWN))

#define Awaits(i)     chosen && !gone && verdict == 0 && ALL_ASKED && heard[i] == 0
#define CoordinatorRules(i) \
  :: d_step { chosen && !gone && !asked[i] -> asked[i] = true } \
  :: d_step { Awaits(i) && sent[i] -> heard[i] = vote[i] } \
  :: d_step { Awaits(i) && !sent[i] && dead[i] -> verdict = ABORT } \
  :: d_step { chosen && !gone && verdict != 0 && told[i] == 0 -> told[i] = verdict }

#define NOT_COMMITTED(i)  && decision[i] != COMMIT
#define NOT_ABORTED(i)    && decision[i] != ABORT
#define AGREEMENT         assert((true ALL(N)(NOT_COMMITTED)) || (true ALL(N)(NOT_ABORTED)))

active proctype Coordinator()
{
end:
  do
  :: d_step { chosen && !gone -> gone = true }
  EACH(N)(CoordinatorRules)
  :: d_step { chosen && !gone && verdict == 0 && ALL_KNOWN ->
              if :: (true ALL(N)(AGREED)) -> verdict = COMMIT :: else -> verdict = ABORT fi }
  od
}

/* No live participant has been told, and no dead one has sent anything to a live one. */
#define UntoldBy(j, k)  && (!dead[j] || dead[k] || forward[(j) * N + (k)] == 0)
#define NotTold(j)      && (dead[j] || told[j] == 0)
#if N == 1
#define Silent(j)       UntoldBy(j, 0)
#elif N == 2
#define Silent(j)       UntoldBy(j, 0) UntoldBy(j, 1)
#else
#define Silent(j)       UntoldBy(j, 0) UntoldBy(j, 1) UntoldBy(j, 2)
#endif
#define HOPELESS        (true ALL(N)(NotTold) ALL(N)(Silent))

#define me          (_pid - 1)
#define Live        chosen && !dead[me]
#define Open        Live && decision[me] == 0
#define own         forward[me * N + me]
#define Filled(j)   && forward[me * N + (j)] != 0
#define Spreading(j) \
  :: d_step { Live && own == 0 && forward[(j) * N + me] != 0 -> own = forward[(j) * N + me] } \
  :: d_step { Live && own != 0 && forward[me * N + (j)] == 0 -> forward[me * N + (j)] = own }

active [N] proctype Participant()
{
end:
  do
  :: d_step { Live -> dead[me] = true }
  :: d_step { Live && asked[me] -> sent[me] = true }
  :: d_step { Open && sent[me] && vote[me] == NO -> decision[me] = ABORT; AGREEMENT }
  :: d_step { Open && gone && !asked[me] -> decision[me] = ABORT; AGREEMENT }
  EACH(N)(Spreading)
  :: d_step { Live && own == 0 && told[me] != 0 -> own = told[me] }
  :: d_step { Live && (true ALL(N)(Filled)) -> decision[me] = own; AGREEMENT }
  :: d_step { Open && gone && HOPELESS -> decision[me] = ABORT; AGREEMENT }
  od
}

#define Chosen(a, b, c)  :: d_step { !chosen -> chosen = true; vote[0] = a; OTHERS(b, c) }
#if N == 1
#define OTHERS(b, c)  skip
#elif N == 2
#define OTHERS(b, c)  vote[1] = b
#else
#define OTHERS(b, c)  vote[1] = b; vote[2] = c
#endif

active proctype Votes()
{
end:
  do
  Chosen(YES, YES, YES)
  Chosen(NO, YES, YES)
#if N > 1
  Chosen(YES, NO, YES)
  Chosen(NO, NO, YES)
#endif
#if N > 2
  Chosen(YES, YES, NO)
  Chosen(NO, YES, NO)
  Chosen(YES, NO, NO)
  Chosen(NO, NO, NO)
#endif
  od
}
