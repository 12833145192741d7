using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Filters;

/// <summary>Beginnings of paths, by whole segments: the same octets, encoded or not (RFC 3986, 6.2.2).</summary>
internal static class PathPrefix
{
    /// <summary>How much of a path is its prefix; negative where it has another one.</summary>
    /// <param name="path">As it is written, without a query.</param>
    /// <param name="prefix">As <see cref="NormalPath"/> writes it, without a slash at its end; empty: every path has it.</param>
    public static int LengthIn(ReadOnlySpan<byte> path, ReadOnlySpan<byte> prefix)
    {
        ReadOnlySpan<byte> rest = path;
        while (!prefix.IsEmpty)
        {
            if (rest.IsEmpty || NormalPath.Take(ref rest, out bool stays) != NormalPath.Take(ref prefix, out bool wanted) || stays != wanted)
            {
                return -1;
            }
        }

        return rest.Length == path.Length || rest.IsEmpty || rest[0] == '/' ? path.Length - rest.Length : -1;
    }

    /// <summary>
    /// Whether some server that resolves it may come to something above: two dots between what any of them takes for a slash, with nothing
    /// behind them but what some servers cut off.
    /// </summary>
    public static bool LeadsUp(ReadOnlySpan<byte> path)
    {
        // Of the segment so far: nothing but that many dots; more than two: something else.
        int dots = 0;
        while (!path.IsEmpty)
        {
            byte octet = NormalPath.Take(ref path, out _);
            bool divides = octet is (byte)'/' or (byte)'\\';
            if (dots == 2 && (divides || octet is (byte)';' or <= (byte)' '))
            {
                return true;
            }

            dots = divides ? 0 : octet == '.' && dots < 2 ? dots + 1 : 3;
        }

        return dots == 2;
    }
}
