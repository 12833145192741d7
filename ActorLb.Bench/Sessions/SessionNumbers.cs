using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;

namespace ActorLb.Bench.Sessions;

/// <summary>
/// Sessions by number: every process knows the id and the backend of the n-th one without being told. One in a
/// thousand has moved since its ticket was issued, so that only a table, not the ticket, says where it lives.
/// </summary>
internal static class SessionNumbers
{
    public const string Pool = "web";

    private const int MovedEvery = 1000;
    private const ulong Seed = 0x5E55_1045_CA1E_0001;

    public static readonly string[] Backends = ["one", "two", "three"];

    private static readonly BackendKey[] Keys = [.. Backends.Select(BackendKey.Of)];

    public static SessionId Id(int number) => new(Mixed((ulong)number * 2), Mixed(((ulong)number * 2) + 1));

    /// <summary>The backend that a table which has the session says.</summary>
    public static string Backend(int number) => Backends[BackendIndex(number)];

    public static Binding Binding(int number, uint now) =>
        new(Id(number), Keys[BackendIndex(number)], IsMoved(number) ? 2u : 1u, now);

    /// <summary>What the session's client has had in its cookie since the first answer.</summary>
    public static Binding Ticketed(int number, uint now) => new(Id(number), Keys[number % Keys.Length], 1, now);

    /// <summary>The first moved session from this number on.</summary>
    public static int Moved(int from) => (from + MovedEvery - 1) / MovedEvery * MovedEvery;

    private static int BackendIndex(int number) => (number + (IsMoved(number) ? 1 : 0)) % Backends.Length;

    private static bool IsMoved(int number) => number % MovedEvery == 0;

    // SplitMix64 (Steele, Lea and Flood, 2014).
    private static ulong Mixed(ulong value)
    {
        ulong z = Seed + (value * 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

/// <summary>Sessions First to First + Count - 1, of which each of the nodes makes every n-th.</summary>
internal readonly record struct SessionRange(int First, int Count)
{
    public int End => First + Count;

    public static SessionRange Parse(string text)
    {
        string[] parts = text.Split('+');
        return new(int.Parse(parts[0], null), int.Parse(parts[1], null));
    }

    public override string ToString() => $"{First}+{Count}";
}
