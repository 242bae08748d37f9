// C# names for rules, and octets as C# literals.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace SipEmbedded.Generator.Emit;

internal static class Names
{
    /// <summary><c>via-parm</c> as <c>ViaParm</c>, <c>SIP-URI</c> as <c>SipUri</c>, <c>32LHEX</c> as <c>N32LHEX</c>.</summary>
    public static string Pascal(string rule)
    {
        var name = new StringBuilder();
        foreach (var word in rule.Split('-', '_', ' ', '.', '+'))
        {
            if (word.Length == 0)
                continue;
            bool allCapitals = word.Length > 2 && word.All(c => !char.IsLetter(c) || char.IsUpper(c));
            name.Append(char.ToUpperInvariant(word[0])).Append(allCapitals ? word.Substring(1).ToLowerInvariant() : word.Substring(1));
        }
        if (name.Length == 0 || !char.IsLetter(name[0]))
            name.Insert(0, 'N');
        return new string([.. name.ToString().Where(char.IsLetterOrDigit)]);
    }

    /// <summary>A name that is not yet in <paramref name="taken"/>, which it joins.</summary>
    public static string Unique(string name, HashSet<string> taken)
    {
        string candidate = name;
        for (int n = 2; !taken.Add(candidate); n++)
            candidate = name + "_" + n.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return candidate;
    }

    /// <summary>One octet as a C# expression of type byte or char constant: <c>(byte)';'</c> or <c>0x0D</c>.</summary>
    public static string Octet(int octet) => octet switch
    {
        '\'' => "'\\''",
        '\\' => "'\\\\'",
        >= 0x20 and < 0x7F => $"'{(char)octet}'",
        _ => "0x" + octet.ToString("X2", System.Globalization.CultureInfo.InvariantCulture),
    };

    /// <summary>Octets as a UTF-8 literal or, where that cannot spell them, as a byte collection.</summary>
    public static string Text(string octets)
    {
        if (octets.All(c => c is >= ' ' and < '\x7F'))
            return "\"" + octets.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"u8";
        return "[" + string.Join(", ", octets.Select(c => "0x" + ((int)c).ToString("X2", System.Globalization.CultureInfo.InvariantCulture))) + "]";
    }

    /// <summary>True for a token, which a method is.</summary>
    public static bool IsToken(string word) => word.Length > 0 && word.All(c => c is > ' ' and < (char)0x7F && "()<>@,;:\\\"/[]?={}#$&^|".IndexOf(c) < 0);

    /// <summary>What to say of a method that is none.</summary>
    public const string TokenRule = "a method is a token, of letters, digits and -.!%*_+`'~";

    public static string Quoted(string text) => "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";
}
