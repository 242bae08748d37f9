// Counters for people and scripts: a line each.
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;

namespace SipEmbedded.Device.Serving;

/// <summary>Prints what a set of counters has counted.</summary>
internal static class CounterReport
{
    private const DynamicallyAccessedMemberTypes Members = DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.PublicProperties;

    /// <summary><c>GROUP.NAME VALUE</c> for each counter that is not 0, in the order of their declaration.</summary>
    public static void Write<[DynamicallyAccessedMembers(Members)] T>(TextWriter output, string group, T counters)
    {
        foreach (var field in typeof(T).GetFields(BindingFlags.Public | BindingFlags.Instance))
            WriteLine(output, group, field.Name, field.GetValue(counters));
        foreach (var property in typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance))
            WriteLine(output, group, property.Name, property.GetValue(counters));
    }

    private static void WriteLine(TextWriter output, string group, string name, object? value)
    {
        if (value is long or int && Convert.ToInt64(value, CultureInfo.InvariantCulture) is not 0 and var count)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{group}.{name} {count}"));
    }
}
