namespace ActorLb.Node.Configuration.Formats;

/// <summary>Tells what chance made from what somebody typed or counted, of secrets in whatever writing. Pure.</summary>
internal static class Patterns
{
    /// <summary>Whether a secret holds too few different bytes, counts, or says the same again.</summary>
    /// <param name="secret">Its bytes, or its characters where it is a text.</param>
    /// <param name="differentMin">Different ones that random bytes of this kind have for certain.</param>
    /// <param name="differentStepsMin">A counter or a pattern has few differences between neighbours.</param>
    public static bool Has(ReadOnlySpan<byte> secret, int differentMin, int differentStepsMin)
    {
        var different = new HashSet<byte>();
        var steps = new HashSet<byte>();
        for (int i = 0; i < secret.Length; i++)
        {
            different.Add(secret[i]);
            if (i > 0)
            {
                steps.Add(unchecked((byte)(secret[i] - secret[i - 1])));
            }
        }

        return different.Count < differentMin || steps.Count < differentStepsMin || Repeats(secret);
    }

    private static bool Repeats(ReadOnlySpan<byte> secret)
    {
        for (int period = 1; period <= secret.Length / 2; period++)
        {
            if (secret[period..].SequenceEqual(secret[..^period]))
            {
                return true;
            }
        }

        return false;
    }
}
