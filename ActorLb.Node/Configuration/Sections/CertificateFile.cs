namespace ActorLb.Node.Configuration.Sections;

/// <summary>A key that names the file of a certificate or of its key.</summary>
internal static class CertificateFile
{
    /// <param name="enabled">Whether TLS is on; where it is off, a file is only warned of.</param>
    /// <param name="required">Whether TLS cannot do without it.</param>
    public static string Read(ConfigurationCursor key, bool enabled, bool required, ConfigurationEnvironment environment)
    {
        string path = key.Text("the path of a file") ?? "";
        if (!enabled && path.Length > 0)
        {
            key.Warn("this is not used, because TLS is not enabled", "set enabled = true beside it, or leave it out");
        }
        else if (enabled && required && path.Length == 0)
        {
            key.Complain("TLS is enabled without a certificate", "the path of a PFX or PEM file");
        }
        else if (enabled && path.Length > 0 && !environment.FileExists(path))
        {
            key.Complain($"there is no file '{path}'", "the path of a file that this process may read");
        }

        return path;
    }
}
