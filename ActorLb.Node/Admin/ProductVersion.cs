using System.Reflection;

namespace ActorLb.Node.Admin;

/// <summary>The version that this build calls itself, without the commit.</summary>
public static class ProductVersion
{
    public static string Text { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
            .InformationalVersion.Split('+')[0];
}
