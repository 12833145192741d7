using ActorLb.Engine.Http1;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;

namespace ActorLb.Engine.Traffic;

/// <summary>
/// Learns sessions from the answers that begin them: whoever is given a new value of the application's cookie lives where that
/// answer comes from, also where he had another value before (a login gives another one).
/// </summary>
internal sealed class SessionLearning(DataPlane plane)
{
    /// <summary>Different values that one answer gives.</summary>
    private const int ValuesMax = 8;

    /// <summary>
    /// Notes what an answer begins. Completes when the other nodes know it, too, or their time is over: the answer waits for that,
    /// since its client may go on at any of them.
    /// </summary>
    /// <param name="assignment">Has the session afterwards that its client got, where it had none.</param>
    /// <param name="source">The answer's head, into which the fields are offsets.</param>
    public ValueTask LearnAsync(ref Assignment assignment, ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields)
    {
        PoolAffinity affinity = assignment.Pool.Affinity!;
        ValueNames names = affinity.Values;
        if (names.Count == 0)
        {
            return default;
        }

        ValueTask shared = default;
        int learned = 0;
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.Known == KnownField.SetCookie
                && learned < ValuesMax
                && SetCookieValue.TryRead(field.Value(source), affinity.LearnedCookie, plane.Clock.Wall / 1000, out ReadOnlySpan<byte> value)
                && TryLearn(affinity, names, value, assignment, out Binding binding))
            {
                learned++;
                assignment = assignment.IsBound ? assignment : assignment with { Binding = binding };
                shared = Both(shared, plane.Rebinder.ShareAsync(affinity.Pool, binding));
            }
        }

        return shared;
    }

    // A value that is known stays where it lives: only its owner moves it.
    private bool TryLearn(PoolAffinity affinity, ValueNames names, ReadOnlySpan<byte> value, in Assignment assignment, out Binding learned)
    {
        SessionTime time = plane.Clock.Read();
        learned = new Binding(names.First(value), assignment.Backend!.Key, 1, time.Now);
        for (int i = 0; i < names.Count; i++)
        {
            SessionId id = i == 0 ? learned.Id : names.Of(i, value);
            if (affinity.Table.TryGet(id, out Binding known))
            {
                if (!known.IsExpired(time.Ending, affinity.Settings.IdleTimeout))
                {
                    return false;
                }

                // Given out again after its session had ended.
                learned = i == 0 && !known.IsEnded ? known.MovedTo(learned.Backend, time.Now) : learned;
            }
        }

        if (affinity.Learned.TryGet(learned.Id, out Binding before) && before.Backend == learned.Backend)
        {
            return false;
        }

        affinity.Learned.Note(learned, assignment.Request.ClientHash());
        affinity.Unknown.Remove(learned.Id);
        plane.SessionCounters.SessionLearned();
        assignment.Backend.Traffic.Sessions.Count(SessionEvent.Began);
        return true;
    }

    private static ValueTask Both(ValueTask one, ValueTask other) =>
        one.IsCompletedSuccessfully ? other : other.IsCompletedSuccessfully ? one : new(Task.WhenAll(one.AsTask(), other.AsTask()));
}
