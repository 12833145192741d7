namespace ActorLb.Engine.Health;

/// <summary>What an operator can change where a probe fails: said wherever its failure is told.</summary>
public static class ProbeAdvice
{
    /// <summary>The text that probes use for an answer with another status than the expected ones.</summary>
    public const string Expected = ", expected ";

    /// <summary>The text for a body that is not as expected.</summary>
    public const string NotInBody = "the body's first 64 KiB do not hold the expected text";

    /// <param name="pool">Its name.</param>
    /// <param name="detail">Of the probe.</param>
    /// <returns>A clause without a full stop; empty where the failure speaks for itself.</returns>
    public static string For(string pool, string detail)
    {
        string health = $"actorlb.pools.{pool}.health";
        return detail.Contains(Expected, StringComparison.Ordinal) ? $"{health}.path names what is asked, {health}.expect which statuses are well"
            : detail.EndsWith(NotInBody, StringComparison.Ordinal) ? $"{health}.body-contains is the text that is looked for"
            : detail.Contains("certificate", StringComparison.OrdinalIgnoreCase) || detail.StartsWith("TLS ", StringComparison.Ordinal) ? $"actorlb.pools.{pool}.tls says what is trusted"
            : detail == "timed out" ? $"{health}.timeout says how long an answer may take"
            : "";
    }
}
