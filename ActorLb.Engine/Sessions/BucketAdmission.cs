using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Sessions;

/// <summary>Which sessions of a replicated bucket find no place in a table that is full.</summary>
internal static class BucketAdmission
{
    /// <summary>
    /// Sessions that the table knows stay: it is new ones that find no place, and of these those that have not moved first. One that
    /// an operator ended always finds one: without, its ticket would count.
    /// </summary>
    /// <param name="excess">So many more than the table has places for; none where that is not positive.</param>
    /// <param name="excessOfMoved">So many more than it has places for with those of sessions that moved.</param>
    public static (BindingBucket Admitted, int KeptOut) Admit(
        BindingBucket bucket, Predicate<SessionId> isKnown, int excess, int excessOfMoved)
    {
        int keptOut = 0;
        BindingBucket admitted = KeepOut(bucket, moved: false, excess);
        return (KeepOut(admitted, moved: true, excessOfMoved), keptOut);

        BindingBucket KeepOut(BindingBucket from, bool moved, int upTo) => keptOut >= upTo ? from : from.Keeping(binding =>
        {
            if (keptOut >= upTo || binding.HasMoved != moved || binding.IsEnded || isKnown(binding.Id))
            {
                return true;
            }

            keptOut++;
            return false;
        });
    }
}
