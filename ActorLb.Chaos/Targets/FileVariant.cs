namespace ActorLb.Chaos.Targets;

/// <summary>What nodes run otherwise than at their start: of their files, or of a revision.</summary>
/// <param name="Weight">Of the first backend; of all of them where a name leads to them.</param>
/// <param name="IdleSeconds">limits.idle-timeout.</param>
/// <param name="OneMore">A backend beside, at which nobody listens.</param>
/// <param name="Certificate">Number of the file with the site's certificate, where there is one.</param>
/// <param name="Mistake">HOCON within actorlb for which it must be refused; null: there is none.</param>
public sealed record FileVariant(int Weight = 1, int IdleSeconds = 130, bool OneMore = false, int Certificate = 0, string? Mistake = null)
{
    /// <summary>In words, for people.</summary>
    public override string ToString() =>
        $"weight {Weight}, idle-timeout {IdleSeconds} s{(OneMore ? ", one more backend" : "")}{(Certificate == 0 ? "" : $", certificate {Certificate}")}{(Mistake is null ? "" : $", {Mistake}")}";
}
