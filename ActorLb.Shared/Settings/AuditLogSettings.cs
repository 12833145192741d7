namespace ActorLb.Shared.Settings;

/// <summary>Where a line for each change by the admin API goes, and for those who were refused.</summary>
/// <param name="Path">Of the file; "-" is standard output; empty is no file.</param>
/// <param name="BufferBytes">Lines that wait to be written; beyond, they are dropped.</param>
public sealed record AuditLogSettings(string Path, int BufferBytes)
{
    public static readonly AuditLogSettings Off = new("", 0);

    public bool IsOn => Path.Length > 0;
}
